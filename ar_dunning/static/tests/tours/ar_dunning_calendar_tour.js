import { registry } from "@web/core/registry";
import { queryFirst } from "@odoo/hoot-dom";

const { DateTime } = luxon;
const event = (kind) => `.fc-event.o_calendar_color_${{ step: 4, call: 10 }[kind]}:contains('Tour Customer')`;

/** Drags an entry with the pointer, as a person does; the day is counted from the day it stands on. */
async function dragBy(selector, days) {
    // A refused entry goes back to its day with the next load: wait for it, and take the entry as it stands then.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const anchor = queryFirst(selector);
    const from = anchor.closest(".fc-daygrid-day").dataset.date;
    const to = DateTime.fromISO(from).plus({ days }).toISODate();
    const target = queryFirst(`.fc-daygrid-day[data-date='${to}']`).getBoundingClientRect();
    const source = anchor.getBoundingClientRect();
    const points = [
        [source.x + 10, source.y + 5],
        [source.x + 30, source.y + 15],
        [target.x + target.width / 2, target.y + target.height / 2],
    ];
    const fire = (type, element, [x, y]) =>
        element.dispatchEvent(
            new MouseEvent(type, { bubbles: true, cancelable: true, view: window, button: 0, clientX: x, clientY: y, pageX: x, pageY: y })
        );
    fire("mousedown", anchor, points[0]);
    for (const point of points) {
        fire("mousemove", document, point);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    fire("mouseup", document, points[2]);
}

// A call does not move; a planned step moves to a later day once there is a reason, and never to an earlier one.
registry.category("web_tour.tours").add("ar_dunning_calendar_tour", {
    steps: () => [
        {
            content: "An entry says what it is and how much it is about",
            trigger: `${event("step")}:contains('Planned step'):contains('1,23')`,
        },
        {
            content: "A call stays where it is",
            trigger: event("call"),
            run: () => dragBy(event("call"), 1),
        },
        {
            content: "The calendar says why, and what to do",
            trigger: ".o_notification:contains('Only planned steps can be moved')",
        },
        {
            content: "Close the message",
            trigger: ".o_notification .o_notification_close",
            run: "click",
        },
        {
            content: "A step does not move to an earlier day",
            trigger: event("step"),
            run: () => dragBy(event("step"), -1),
        },
        {
            content: "The calendar says so",
            trigger: ".o_notification:contains('only be moved to a later day')",
        },
        {
            content: "Move the step to the day after",
            trigger: event("step"),
            run: () => dragBy(event("step"), 1),
        },
        {
            content: "The dialog shows what the step is about",
            trigger: ".modal .o_field_widget[name='amount']:contains('1,234.50')",
        },
        {
            content: "Choose a reason",
            trigger: ".modal .o_field_widget[name='reason_id'] input",
            run: "edit Agreed",
        },
        {
            content: "Take the reason from the list",
            trigger: ".o-autocomplete--dropdown-item:contains('Agreed with the customer')",
            run: "click",
        },
        {
            content: "Postpone",
            trigger: ".modal button[name='action_postpone']",
            run: "click",
        },
        {
            content: "The calendar shows the end of the pause",
            trigger: "body:not(:has(.modal)) .fc-event.o_calendar_color_8:contains('Tour Customer')",
            run: "click",
        },
        {
            content: "Open the pause",
            trigger: ".o_cw_popover .o_cw_popover_edit",
            run: "click",
        },
        {
            content: "It can be changed, but resuming before its end is the manager's",
            trigger:
                ".o_form_view:not(:has(button[name='action_end'])) .o_field_widget[name='reason_id']",
        },
    ],
});
