from . import core, models, wizards


def _create_policies_of_other_companies(env):
    """The shipped policies belong to the main company; every other root company gets its own copy."""
    companies = env["res.company"].sudo().search([("parent_id", "=", False)])
    companies._create_dunning_policies()
