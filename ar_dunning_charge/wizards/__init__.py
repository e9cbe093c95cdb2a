from . import (
    ar_dunning_allocate_wizard,
    ar_dunning_book_wizard,
    ar_dunning_charge_wizard,
    ar_dunning_pack_wizard,
    ar_dunning_pause_wizard,
    ar_dunning_setup,
)
