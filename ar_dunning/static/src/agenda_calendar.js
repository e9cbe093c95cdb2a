import { onMounted, onPatched } from "@odoo/owl";

import { serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { CalendarCommonPopover } from "@web/views/calendar/calendar_common/calendar_common_popover";
import { CalendarCommonRenderer } from "@web/views/calendar/calendar_common/calendar_common_renderer";
import { CalendarController } from "@web/views/calendar/calendar_controller";
import { CalendarModel } from "@web/views/calendar/calendar_model";
import { CalendarRenderer } from "@web/views/calendar/calendar_renderer";
import { calendarView } from "@web/views/calendar/calendar_view";
import { formatFloat } from "@web/views/fields/formatters";

const { DateTime } = luxon;
// A day of the month has room for as many entries, each with its kind, its amount and its customer.
const ROOM = 6;
const WEEKS = 5;

/** An amount as a narrow day shows it: without decimals, on a phone in thousands. */
function short(amount, isSmall) {
    const options = isSmall ? { humanReadable: true, decimals: 0 } : { digits: [16, 0] };
    return amount ? formatFloat(amount, options) : "";
}

/**
 * Nothing of the agenda is stored, so nothing is written here: moving a planned step asks for the
 * reason and postpones it; everything else stays where it is.
 */
export class AgendaCalendarModel extends CalendarModel {
    static services = [...CalendarModel.services, "action"];

    setup(params, services) {
        super.setup(params, services);
        this.action = services.action;
    }

    get canEdit() {
        return true;
    }

    /** In the side panel: entries of nobody, or of no policy. */
    get defaultFilterLabel() {
        return _t("None");
    }

    /** One reading: sums of the days that hold many entries, as entries of their own (ids below 0), and the others. */
    async fetchRecords(data) {
        const { activeFields, context, fieldNames } = this.meta;
        const names = [...new Set([...fieldNames, ...Object.keys(activeFields)])];
        const args = [this.computeDomain(data), names, ...this.crowded];
        const { groups, entries } = await this.orm.call(this.resModel, "calendar_days", args, { context });
        return [...entries, ...groups.map((group, index) => ({ ...group, id: -1 - index }))];
    }

    /** From how many entries on a day shows sums: a month on a phone has room for nothing else. */
    get crowded() {
        return this.scale === "month" ? [this.env.isSmall ? 1 : ROOM] : [];
    }

    /** What comes: a month is the week of its day and the four weeks behind it. */
    computeRange() {
        const { start, end } = super.computeRange();
        if (this.scale !== "month") {
            return { start, end };
        }
        const day = this.date.startOf("day");
        const first = day.minus({ days: (day.weekday - this.firstDayOfWeek + 7) % 7 });
        return { start: first, end: first.plus({ weeks: WEEKS, days: -1 }).endOf("day") };
    }

    /** The side panel has read responsibles and policies; the days show one sum for each kind. */
    async updateData(data) {
        await super.updateData(data);
        const sums = {};
        for (const [id, { rawRecord }] of Object.entries(data.records)) {
            if (!rawRecord.count) {
                continue;
            }
            const key = `${rawRecord.date} ${rawRecord.kind}`;
            const sum = (sums[key] ||= { ...rawRecord, count: 0, amount: 0 });
            sum.count += rawRecord.count;
            sum.amount += rawRecord.amount;
            delete data.records[id];
        }
        for (const sum of Object.values(sums)) {
            data.records[sum.id] = this.normalizeRecord(sum);
        }
    }

    /** What an entry is about and how much stand before the customer's name; a sum begins with its number. */
    normalizeRecord(rawRecord) {
        const record = super.normalizeRecord(rawRecord);
        const { count, amount } = rawRecord;
        const kind = this.fields.kind.selection.find(([key]) => key === rawRecord.kind)?.[1] || "";
        const isSmall = this.env.isSmall && this.scale === "month";
        const what = count ? (isSmall ? `${count}` : `${count} × ${kind}`) : kind;
        const entry = { what, worth: short(amount, isSmall), who: count ? "" : record.title, kind };
        return { ...record, entry, title: count ? `${count} × ${kind}` : record.title };
    }

    /** The entries behind a sum, as they are filtered here. */
    domainOf({ rawRecord }) {
        return [
            ...this.meta.domain,
            ...this.computeFiltersDomain(this.data),
            ["date", "=", rawRecord.date],
            ["kind", "=", rawRecord.kind],
        ];
    }

    async updateRecord(record) {
        const entry = this.records[record.id];
        const refusal = this.refusal(entry, record.start);
        if (refusal) {
            this.notification.add(refusal, { type: "warning" });
            return this.load();
        }
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: _t("Postpone"),
                res_model: "ar.dunning.postpone.wizard",
                views: [[false, "form"]],
                target: "new",
                context: { default_agenda_id: entry.id, default_date: serializeDate(record.start) },
            },
            { onClose: () => this.load() }
        );
    }

    /** Why this entry cannot move to that day, or nothing. */
    refusal(entry, day) {
        if (entry.rawRecord.count) {
            return _t("This day holds many. Open them, and postpone in their list.");
        }
        if (entry.rawRecord.kind !== "step") {
            return _t("Only planned steps can be moved. Open the entry to change it.");
        }
        const earliest = DateTime.max(entry.start, DateTime.local()).endOf("day");
        return day <= earliest
            ? _t("A step can only be moved to a later day, and not to one that has passed.")
            : undefined;
    }

    /** Amounts of the planned steps per day: `{ISO date: sum}`. */
    get totals() {
        const totals = {};
        for (const { rawRecord, start } of Object.values(this.records)) {
            if (rawRecord.kind === "step" && rawRecord.amount) {
                const day = start.toISODate();
                totals[day] = (totals[day] || 0) + rawRecord.amount;
            }
        }
        return totals;
    }
}

/** Nothing of an entry can be edited, so none says so: its button leads to what stands behind it. */
export class AgendaCommonPopover extends CalendarCommonPopover {
    get isEventEditable() {
        return false;
    }
}

/** Shows in each day of the month how much its planned steps are about. */
export class AgendaCommonRenderer extends CalendarCommonRenderer {
    static components = { ...CalendarCommonRenderer.components, Popover: AgendaCommonPopover };
    static eventTemplate = "ar_dunning.AgendaEntry";

    /** The weeks of `computeRange`. */
    get options() {
        const monthStartFormat = this.env.isSmall ? { day: "numeric" } : { month: "short", day: "numeric" };
        const month = { duration: { weeks: WEEKS }, dateAlignment: "week", monthStartFormat };
        return { ...super.options, views: { dayGridMonth: month } };
    }

    setup() {
        super.setup();
        onMounted(() => this.showTotals());
        onPatched(() => this.showTotals());
    }

    /** A sum has no more to tell than its entries: it leads to their list. */
    onClick(info) {
        const record = this.props.model.records[info.event.id];
        return record.rawRecord.count ? this.props.editRecord(record) : super.onClick(info);
    }

    convertRecordToEvent(record) {
        // An entry is a day, never a span: it moves, but does not grow.
        return { ...super.convertRecordToEvent(record), durationEditable: false };
    }

    showTotals() {
        const totals = this.props.model.totals;
        for (const cell of this.fc.el.querySelectorAll(".fc-daygrid-day[data-date]")) {
            const total = totals[cell.dataset.date];
            cell.querySelector(".o_ar_dunning_total")?.remove();
            if (total && this.props.model.scale === "month" && !this.env.isSmall) {
                const label = document.createElement("span");
                label.className = "o_ar_dunning_total text-muted small position-absolute end-0 top-0 m-1";
                label.textContent = short(total);
                label.title = _t("Planned steps of this day, in company currency");
                cell.querySelector(".fc-daygrid-day-top")?.append(label);
            }
        }
    }
}

export class AgendaCalendarRenderer extends CalendarRenderer {
    static components = {
        ...CalendarRenderer.components,
        day: AgendaCommonRenderer,
        week: AgendaCommonRenderer,
        month: AgendaCommonRenderer,
    };
}

/** An entry of the agenda is only a pointer: opening it leads to the customer, notice or pause behind it. */
export class AgendaCalendarController extends CalendarController {
    /** The weeks shown lie in two months, as a rule. */
    get currentMonth() {
        return this.weekHeader;
    }

    async editRecord(record) {
        if (record.rawRecord.count) {
            return this.action.doAction({
                type: "ir.actions.act_window",
                name: `${record.title}, ${record.start.toLocaleString()}`,
                res_model: this.model.resModel,
                views: [
                    [false, "list"],
                    [false, "form"],
                ],
                domain: this.model.domainOf(record),
            });
        }
        return this.action.doActionButton({
            type: "object",
            name: "action_open",
            resModel: this.model.resModel,
            resId: record.id,
            context: this.props.context,
        });
    }
}

registry.category("views").add("ar_dunning_agenda_calendar", {
    ...calendarView,
    Controller: AgendaCalendarController,
    Model: AgendaCalendarModel,
    Renderer: AgendaCalendarRenderer,
});
