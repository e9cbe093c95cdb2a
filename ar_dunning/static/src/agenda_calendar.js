import { registry } from "@web/core/registry";
import { CalendarController } from "@web/views/calendar/calendar_controller";
import { calendarView } from "@web/views/calendar/calendar_view";

/**
 * An entry of the agenda is only a pointer: opening it leads to the customer, notice or pause behind it.
 */
export class AgendaCalendarController extends CalendarController {
    async editRecord(record) {
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
});
