import { Component, markup, toRaw, useEnv, useState } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

// What was asked for a record as it was last read: several widgets of a form ask once.
const asked = new WeakMap();

/**
 * Computed fields that are read when the widget is shown, not with the form. What a record has read anew, after a
 * button, too, is another object and asked again.
 *
 * @param {string[]} names
 * @returns {{values: Object}} the values, empty until they are there
 */
export function useLazyFields(names) {
    // Not the protected service: its answer never comes once the widget that asked first is gone.
    const { orm } = useEnv().services;
    const state = useState({ values: {} });
    let current;
    const read = ({ resModel, resId, context }, data) => {
        const known = asked.get(data) || {};
        asked.set(data, known);
        known[names] ||= orm.read(resModel, [resId], names, { context });
        return known[names];
    };
    const load = async (record, data) => {
        const [values] = record.resId ? await read(record, data) : [];
        if (data === current) {
            state.values = values || {};
        }
    };
    // Not waited for: the form stands there meanwhile.
    useRecordObserver((record) => {
        current = toRaw(record.data);
        load(record, current);
    });
    return state;
}

/**
 * A computed text that is read when its page of a notebook is opened: pages are made when they are shown. Its title
 * stands above it as long as there is a text.
 *
 * `<widget name="ar_dunning_lazy" field="..." string="Title"/>`
 */
export class LazyBlock extends Component {
    static template = "ar_dunning.LazyBlock";
    static props = { ...standardWidgetProps, field: String, title: String };

    setup() {
        this.lazy = useLazyFields([this.props.field]);
    }

    get hasText() {
        return Boolean(this.lazy.values[this.props.field]);
    }

    get html() {
        return markup(this.lazy.values[this.props.field]);
    }
}

registry.category("view_widgets").add("ar_dunning_lazy", {
    component: LazyBlock,
    extractProps: ({ attrs }) => ({ field: attrs.field, title: attrs.string || "" }),
});
