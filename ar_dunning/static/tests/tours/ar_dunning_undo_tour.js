import { registry } from "@web/core/registry";

// The manager takes back a whole run: what will happen is shown first, then a reason is asked for.
registry.category("web_tour.tours").add("ar_dunning_undo_tour", {
    steps: () => [
        {
            content: "Open the run",
            trigger: ".o_data_row td[name='kind']",
            run: "click",
        },
        {
            content: "Undo it",
            trigger: ".o_form_view button[name='action_undo']",
            run: "click",
        },
        {
            content: "One draft is stopped",
            trigger: ".modal .o_field_widget[name='draft_count']:contains('1')",
        },
        {
            content: "One notice is with the customer already",
            trigger: ".modal .o_field_widget[name='delivered_ids'] .o_data_row:contains('Tour Delivered')",
        },
        {
            content: "Cancel that one too, and say sorry",
            trigger: ".modal .o_field_widget[name='delivered'] label:contains('correcting mail')",
            run: "click",
        },
        {
            content: "Give the reason",
            trigger: ".modal .o_field_widget[name='reason'] input",
            run: "edit The bank file was missing",
        },
        {
            content: "Undo the run",
            trigger: ".modal footer button[name='action_undo']",
            run: "click",
        },
        {
            content: "Its notices are cancelled",
            trigger: ".o_list_view .o_data_row:contains('Tour Draft') td[name='state']:contains('Cancelled')",
        },
        {
            content: "The delivered one too",
            trigger: ".o_list_view .o_data_row:contains('Tour Delivered') td[name='state']:contains('Cancelled')",
        },
    ],
});

// An accountant sees the run, but no way to take it back.
registry.category("web_tour.tours").add("ar_dunning_undo_refused_tour", {
    steps: () => [
        {
            content: "Open the run",
            trigger: ".o_data_row td[name='kind']",
            run: "click",
        },
        {
            content: "It has notices, but no Undo",
            trigger: ".o_form_view:not(:has(button[name='action_undo'])) button[name='action_view_notices']",
        },
    ],
});
