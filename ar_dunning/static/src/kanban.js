import { registry } from "@web/core/registry";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";

/**
 * A board without columns of its own: where nothing is left in it, however it is grouped, it says so. Odoo keeps the help
 * back when a board grouped by records has no column, for boards in which people make their columns.
 */
export class ArDunningKanbanRenderer extends KanbanRenderer {
    get showNoContentHelper() {
        const { isGrouped, groups } = this.props.list;
        return (isGrouped && !groups.length) || super.showNoContentHelper;
    }
}

registry.category("views").add("ar_dunning_kanban", { ...kanbanView, Renderer: ArDunningKanbanRenderer });
