import { registry } from "@web/core/registry";

// The accountant reviews a draft, changes its words, looks at the mail and sends it.
registry.category("web_tour.tours").add("ar_dunning_send_tour", {
    steps: () => [
        {
            content: "Open the draft from the list of notices to send",
            trigger: ".o_data_row td:contains('Tour Customer')",
            run: "click",
        },
        {
            content: "It demands the overdue invoice",
            trigger: ".o_form_view div[name='totals']:contains('1,234.50')",
        },
        {
            content: "Go to the text",
            trigger: ".o_form_view .nav-link:contains('Text')",
            run: "click",
        },
        {
            content: "Change the subject",
            trigger: ".o_field_widget[name='subject'] input",
            run: "edit Please have a look at our invoice",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "The draft is marked as edited",
            trigger: ".o_form_saved .o_field_widget[name='is_edited'] input:checked",
        },
        {
            content: "Look at the mail as the customer will see it",
            trigger: ".nav-link:contains('Mail')",
            run: "click",
        },
        {
            content: "The preview is there",
            trigger: ".o_field_widget[name='mail_preview'] iframe, .o_field_widget[name='mail_preview'] table",
        },
        {
            content: "Send",
            trigger: "button[name='action_send']",
            run: "click",
        },
        {
            content: "It is on its way",
            trigger: ".o_notification:contains('on its way')",
        },
        {
            content: "And no longer a draft",
            trigger: ".o_statusbar_status button.o_arrow_button_current:not(:contains('Draft'))",
        },
    ],
});
