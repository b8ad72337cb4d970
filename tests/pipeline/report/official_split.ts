/** Test sequences of the official split a. */
export const officialSplitA: readonly string[] =
  `i_ajuntament i_autannes i_bologna i_books i_bridger i_brooklyn i_fog i_fruits
i_kurhaus i_lionnight i_nijmegen i_porta i_resort i_salon i_santuario i_table
i_tools i_troulos i_whitebuilding i_zion v_abstract v_azzola v_bees
v_birdwoman v_busstop v_coffeehouse v_courses v_eastsouth v_feast v_fest v_man
v_pomegranate v_soldiers v_strand v_tabletop v_talent v_underground v_woman
v_yard v_yuri`.split(/\s+/);
