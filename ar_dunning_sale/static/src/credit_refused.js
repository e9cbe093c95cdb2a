import { WarningDialog } from "@web/core/errors/error_dialogs";
import { registry } from "@web/core/registry";

// The refusal is a message to the user, not a failure of the program.
registry
    .category("error_dialogs")
    .add("odoo.addons.ar_dunning_sale.models.verdict.CreditRefusedError", WarningDialog);
