from . import test_diary
from . import test_blockers
from . import test_run
from . import test_companies
from . import test_rights
from . import test_policies
from . import test_load
from . import test_tour
