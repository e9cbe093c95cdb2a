import { WarningDialog, odooExceptionTitleMap } from "@web/core/errors/error_dialogs";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

const REFUSED = "odoo.addons.ar_dunning_sale.models.facts.gate.CreditRefusedError";

// The refusal is a message to the user, not a failure of the program.
registry.category("error_dialogs").add(REFUSED, WarningDialog);
odooExceptionTitleMap.set(REFUSED, _t("Credit control"));
