from . import (
    ar_dunning_hold_wizard,
    ar_dunning_over_limit_wizard,
)
