import { CreateTheFirstTables1763700000000 } from './1763700000000-create-the-first-tables.js';
import { KeepPaymentMethodsAndBillingDetails1763710000000 } from './1763710000000-keep-payment-methods-and-billing-details.js';
import { KeepPendingChangesAndPauses1763720000000 } from './1763720000000-keep-pending-changes-and-pauses.js';
import { KeepAllOfAPrice1763730000000 } from './1763730000000-keep-all-of-a-price.js';

/** In the order in which they run. One set for every database. */
export const migrations = [
  CreateTheFirstTables1763700000000,
  KeepPaymentMethodsAndBillingDetails1763710000000,
  KeepPendingChangesAndPauses1763720000000,
  KeepAllOfAPrice1763730000000,
];
