import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("ar_dunning_sale_request", {
    steps: () => [
        {
            content: "The quotation says that it is stopped, and why",
            trigger: ".o_ar_dunning_stopped:contains('days late'):contains('Unlocks with')",
        },
        {
            content: "Try to confirm",
            trigger: "button[name='action_confirm']:visible",
            run: "click",
        },
        {
            content: "Refused, with reasons and the way out",
            trigger: ".modal-body:contains('cannot be confirmed'):contains('Request approval')",
        },
        {
            content: "Close the refusal",
            trigger: ".modal-footer button:first",
            run: "click",
        },
        {
            content: "Ask the credit controller: one click",
            trigger: "body:not(:has(.modal)) button[name='action_request_approval']",
            run: "click",
        },
        {
            content: "The banner says so, and the button is gone",
            trigger: ".o_ar_dunning_stopped:contains('Approval requested by Sara Seller')",
        },
        {
            trigger: "body:not(:has(button[name='action_request_approval']:visible))",
        },
    ],
});

tours.add("ar_dunning_sale_approve", {
    steps: () => [
        {
            content: "The controller sees the reasons with amounts",
            trigger: ".o_ar_dunning_stopped:contains('500.00 overdue')",
        },
        {
            trigger: "button[name='action_approve']",
            run: "click",
        },
        {
            content: "Why?",
            trigger: ".modal div[name='note'] textarea",
            run: "edit Called them, pays on Friday",
        },
        {
            trigger: ".modal-footer button[name='action_decide']:visible",
            run: "click",
        },
        {
            content: "Nothing stops the order any more",
            trigger: ".o_ar_dunning_watch:contains('Approved by Karl Controller')",
        },
    ],
});

tours.add("ar_dunning_sale_confirm", {
    steps: () => [
        {
            trigger: ".o_ar_dunning_watch:contains('Called them, pays on Friday')",
        },
        {
            trigger: "button[name='action_confirm']:visible",
            run: "click",
        },
        {
            content: "It is a sales order",
            trigger: ".o_arrow_button_current:contains('Sales Order')",
        },
    ],
});
