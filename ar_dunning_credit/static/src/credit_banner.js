import { Component, markup } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { RibbonWidget } from "@web/views/widgets/ribbon/ribbon";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { useLazyFields } from "@ar_dunning/lazy_block";

const FIELDS = ["ar_dunning_credit_status", "ar_dunning_credit_html"];

/** What stands about credit and dunning above a contact: the ledger of now is asked once the contact is shown. */
export class CreditBanner extends Component {
    static template = "ar_dunning_credit.CreditBanner";
    static props = standardWidgetProps;

    setup() {
        this.lazy = useLazyFields(FIELDS);
    }

    get dunning() {
        return this.props.record.data.ar_dunning_state;
    }

    get html() {
        return markup(this.lazy.values.ar_dunning_credit_html || "");
    }

    get isHeld() {
        return ["hold", "blocked"].includes(this.lazy.values.ar_dunning_credit_status);
    }

    get status() {
        const names = { watch: _t("Watch"), hold: _t("On hold"), blocked: _t("Blocked") };
        return names[this.lazy.values.ar_dunning_credit_status];
    }
}

export class CreditRibbon extends Component {
    static components = { RibbonWidget };
    static template = "ar_dunning_credit.CreditRibbon";
    static props = standardWidgetProps;

    setup() {
        this.lazy = useLazyFields(FIELDS);
    }

    get title() {
        return { hold: _t("On hold"), blocked: _t("Blocked") }[this.lazy.values.ar_dunning_credit_status];
    }
}

registry.category("view_widgets").add("ar_dunning_credit_banner", { component: CreditBanner });
registry.category("view_widgets").add("ar_dunning_credit_ribbon", { component: CreditRibbon });
