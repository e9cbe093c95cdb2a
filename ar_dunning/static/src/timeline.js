import { Component, useEnv, useState } from "@odoo/owl";

import { deserializeDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const { DateTime } = luxon;

/**
 * Everything that happened with a customer, an invoice or a notice, newest first, by day: read when it is shown and again
 * when its record was read anew, a page at a time. The chips filter by kind.
 *
 * `<widget name="ar_dunning_timeline"/>`
 */
export class Timeline extends Component {
    static template = "ar_dunning.Timeline";
    static props = { ...standardWidgetProps };

    setup() {
        // Not the protected service: its answer never comes once the widget is gone.
        const { orm, action } = useEnv().services;
        Object.assign(this, { orm, action });
        this.state = useState({ entries: [], kinds: [], steps: [], next: false, isRead: false, open: {} });
        this.filter = useState({ kinds: [], everyStep: false });
        useRecordObserver((record) => {
            this.record = { resModel: record.resModel, resId: record.resId, context: record.context };
            void record.data; // what the record was read with anew
            this.load();
        });
    }

    /** Entries by day: `[{day, text, entries}]`. */
    get days() {
        const days = [];
        for (const entry of this.state.entries) {
            if (days.at(-1)?.day !== entry.day) {
                days.push({ day: entry.day, text: this.dayText(entry.day), entries: [] });
            }
            days.at(-1).entries.push(entry);
        }
        return days;
    }

    get isEmpty() {
        return this.state.isRead && !this.state.entries.length;
    }

    dayText(day) {
        const format = { ...DateTime.DATE_MED, weekday: "short" };
        return day && deserializeDate(day).toLocaleString(format);
    }

    isChosen(kind) {
        return this.filter.kinds.includes(kind.code);
    }

    toggleKind(kind) {
        const kinds = this.filter.kinds;
        this.filter.kinds = this.isChosen(kind) ? kinds.filter((code) => code !== kind.code) : [...kinds, kind.code];
        return this.load();
    }

    toggleSteps() {
        this.filter.everyStep = !this.filter.everyStep;
        return this.load();
    }

    toggleDetail(entry) {
        this.state.open[entry.key] = !this.state.open[entry.key];
    }

    async load(offset = 0) {
        const { resModel, resId, context } = this.record;
        const asked = (this.asked = {});
        if (!resId) {
            return Object.assign(this.state, { entries: [], kinds: [], steps: [], next: false, isRead: true });
        }
        const options = { kinds: this.filter.kinds, every_step: this.filter.everyStep, offset };
        const page = await this.orm.call("ar.dunning.timeline", "entries", [resModel, resId], { ...options, context });
        if (asked !== this.asked) {
            return; // somebody asked again meanwhile
        }
        this.state.entries = offset ? [...this.state.entries, ...page.entries] : page.entries;
        this.state.next = page.next;
        this.state.isRead = true;
        if (!offset) {
            Object.assign(this.state, { kinds: page.kinds, steps: page.steps });
        }
    }

    openRecord(resModel, resId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: resModel,
            res_id: resId,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("ar_dunning_timeline", { component: Timeline });
