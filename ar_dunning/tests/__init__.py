from . import test_diary
