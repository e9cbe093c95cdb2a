from . import test_incoming_equal
