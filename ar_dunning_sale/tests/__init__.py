from . import test_confirm, test_deposit
