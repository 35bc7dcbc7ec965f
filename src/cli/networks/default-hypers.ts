/** What is tuned unless a configuration or a network says otherwise: a dropout rate for every place, a weight decay for every layer. */
export const defaultHypers = { "dropout.*": 0.05, "l2.*": 1e-4 } as const;

/** The rates of dropout alone, of networks that regularise themselves otherwise or have millions of weights. */
export const dropoutAlone = { "dropout.*": defaultHypers["dropout.*"] } as const;
