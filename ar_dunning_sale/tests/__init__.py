from . import (
    test_sale_review,
    test_confirm,
    test_deposit,
    test_later,
    test_money,
    test_portal,
    test_race,
    test_release,
    test_security_deposit,
    test_terms,
    test_tour,
    test_trial,
)
