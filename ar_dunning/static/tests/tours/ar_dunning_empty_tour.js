import { registry } from "@web/core/registry";

// On a telephone or not: a board in which nothing is left says so, however it is grouped.
registry.category("web_tour.tours").add("ar_dunning_empty_board_tour", {
    steps: () => [
        {
            content: "What waits to be sent, as a board with a column for each level",
            trigger: ".o_switch_view.o_kanban",
            run: "click",
        },
        {
            content: "The notice stands there",
            trigger: ".o_kanban_group .o_kanban_record:contains('Tour Customer')",
        },
        {
            content: "Look for what is not there",
            trigger: ".o_searchview_input",
            run: "edit Nobody of this name",
        },
        {
            content: "Among the customers",
            trigger: ".o_searchview_autocomplete .o-dropdown-item:contains('Nobody of this name')",
            run: "click",
        },
        {
            content: "The board says that it is empty",
            trigger: ".o_kanban_view:not(:has(.o_kanban_record:contains('Tour Customer'))) .o_view_nocontent:contains('Nothing waits to be sent')",
        },
    ],
});
