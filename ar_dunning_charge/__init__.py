from odoo.addons.ar_dunning.tools.divided import refuse_before_upgrade

from . import core, models, wizards
