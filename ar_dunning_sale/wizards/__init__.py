from . import (
    ar_dunning_deposit_apply_wizard,
    ar_dunning_deposit_receipt_wizard,
    ar_dunning_deposit_return_wizard,
    ar_dunning_deposit_undo_wizard,
    ar_dunning_release_wizard,
    sale_advance_payment_inv,
)
