def migrate(cr, version):
    """Who has dunned already needs no *Set up* in front of the menu."""
    cr.execute(
        """
        UPDATE ir_ui_menu m SET active = FALSE
          FROM ir_model_data d
         WHERE d.model = 'ir.ui.menu' AND d.module = 'ar_dunning' AND d.name = 'ar_dunning_setup_first_menu' AND d.res_id = m.id
           AND EXISTS (SELECT FROM ar_dunning_run)
        """
    )
