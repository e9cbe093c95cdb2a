from . import test_cost, test_form_views, test_gate, test_hold, test_lists, test_new_records, test_people, test_release
from . import test_written_by_system
