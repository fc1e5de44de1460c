/** A lab with more customers than this is told of by its first ones and by numbers. */
export const MANY = 10;

/** Rows that a table of so many customers shows one by one. */
export const rowsShown = (tenants: number): number => Math.min(tenants, MANY);
