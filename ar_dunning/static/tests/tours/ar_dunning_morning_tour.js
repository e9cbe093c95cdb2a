import { registry } from "@web/core/registry";

const { luxon } = window;

const row = (name) => `.o_data_row:contains('${name}')`;

// A morning at the worklist: send three notices, call one customer, pause one, repair one that failed.
const readAndSend = (name, amount) => [
    {
        content: `Read the next notice to ${name}`,
        trigger: `${row(name)} button[name='action_open_notice'] .fa-paper-plane`,
        run: "click",
    },
    {
        content: "It demands what is overdue",
        trigger: `.modal .o_form_view div[name='totals']:contains('${amount}')`,
    },
    {
        content: "Send it",
        trigger: ".modal button[name='action_send']",
        run: "click",
    },
    {
        content: "Back in the list, nothing waits for this customer any more",
        trigger: `body:not(:has(.modal)) ${row(name)}:not(:has(.fa-paper-plane))`,
    },
];

const choose = (field, text) => [
    {
        content: `Look for ${text}`,
        trigger: `.modal .o_field_widget[name='${field}'] input`,
        run: `edit ${text}`,
    },
    {
        content: `Choose ${text}`,
        trigger: `.o-autocomplete--dropdown-item:contains('${text}')`,
        run: "click",
    },
];

registry.category("web_tour.tours").add("ar_dunning_morning_tour", {
    steps: () => [
        {
            content: "The most worthwhile customer stands first",
            trigger: ".o_data_row:first:contains('Alpha')",
        },
        ...readAndSend("Alpha", "5,000.00"),
        ...readAndSend("Beta", "4,000.00"),
        ...readAndSend("Gamma", "3,000.00"),
        {
            content: "Call Delta",
            trigger: `${row("Delta")} button[name='action_log_call']`,
            run: "click",
        },
        ...choose("outcome_id", "Promised to pay"),
        ...choose("overdue_reason_id", "Short of cash"),
        {
            content: "By when",
            trigger: ".modal .o_field_widget[name='promised_on'] input, .modal .o_field_widget[name='promised_on'] button",
            run: `edit ${luxon.DateTime.now().plus({ days: 3 }).toFormat("MM/dd/yyyy")}`,
        },
        {
            content: "How much",
            trigger: ".modal .o_field_widget[name='promised_amount'] input",
            run: "edit 1000",
        },
        {
            content: "Write down what was said",
            trigger: ".modal .o_field_widget[name='note'] textarea",
            run: "edit Pays half of it on Friday",
        },
        {
            content: "Log the call",
            trigger: ".modal button[name='action_log']",
            run: "click",
        },
        {
            content: "The outcome stands in the row",
            trigger: `body:not(:has(.modal)) ${row("Delta")}:contains('Promised to pay'):contains('Short of cash')`,
        },
        {
            content: "Open Epsilon without leaving the list",
            trigger: `${row("Epsilon")} button[name='action_desk']`,
            run: "click",
        },
        {
            content: "Why nothing comes yet stands there; pause it",
            trigger: ".modal:contains('The day of the next level has not come') button[name='action_pause']",
            run: "click",
        },
        ...choose("reason_id", "Credit note to come"),
        {
            content: "Until when",
            trigger: ".modal .o_field_widget[name='date_end'] input, .modal .o_field_widget[name='date_end'] button",
            run: "edit 12/31/2099",
        },
        {
            content: "Pause",
            trigger: ".modal-footer button[name='action_pause']",
            run: "click",
        },
        {
            content: "See what failed at Zeta",
            trigger: `body:not(:has(.modal)) ${row("Zeta")} button[name='action_open_notice'] .fa-exclamation-triangle`,
            run: "click",
        },
        {
            content: "The server's answer is there",
            trigger: ".modal .alert-danger:contains('mailbox full')",
        },
        {
            content: "Send it again",
            trigger: ".modal button[name='action_send_again']",
            run: "click",
        },
        {
            content: "Nothing failed is left",
            trigger: `body:not(:has(.modal)) ${row("Zeta")}:not(:has(.fa-exclamation-triangle))`,
        },
    ],
});
