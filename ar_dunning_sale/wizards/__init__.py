from . import ar_dunning_release_wizard, sale_advance_payment_inv
