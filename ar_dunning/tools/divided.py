"""`ar_dunning` was divided: until it is of the version that gives charges and credit what is theirs, they are not installed."""

from odoo.exceptions import UserError
from odoo.modules import Manifest, adapt_version
from odoo.tools import parse_version

DIVIDED = "19.0.4.0.0"


def refuse_before_upgrade(env):
    """Keep a member of the family from being installed beside an `ar_dunning` that still owns what the member brings.

    As its `pre_init_hook`: who upgrades only an addon that stands on the member, say, is told what to upgrade instead.

    :raise UserError: `ar_dunning` waits to be upgraded
    """
    version = env["ir.module.module"].sudo().search([("name", "=", "ar_dunning")]).latest_version
    if version and parse_version(version) < parse_version(adapt_version(DIVIDED)):
        name = Manifest.for_addon("ar_dunning")["name"]
        raise UserError(env._("Upgrade '%s' first: it gives this addon what was its own so far.", name))
