from . import (
    ar_dunning_cancel_wizard,
    ar_dunning_load,
    ar_dunning_pause_wizard,
    ar_dunning_post_wizard,
    ar_dunning_run_wizard,
)
