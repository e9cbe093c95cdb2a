from . import (
    ar_dunning_cancel_wizard,
    ar_dunning_gate_wizard,
    ar_dunning_load,
    ar_dunning_loader,
    ar_dunning_loader_customers,
    ar_dunning_loader_moves,
    ar_dunning_pause_wizard,
    ar_dunning_post_wizard,
    ar_dunning_rehearsal,
    ar_dunning_run_wizard,
    ar_dunning_setup,
    ar_dunning_setup_findings,
)
