import { CreateTheFirstTables1763700000000 } from './1763700000000-create-the-first-tables.js';

/** In the order in which they run. One set for every database. */
export const migrations = [CreateTheFirstTables1763700000000];
