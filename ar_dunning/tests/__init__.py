from . import test_diary
from . import test_blockers
from . import test_run
