import { CreateTheFirstTables1763700000000 } from './1763700000000-create-the-first-tables.js';
import { KeepPaymentMethodsAndBillingDetails1763710000000 } from './1763710000000-keep-payment-methods-and-billing-details.js';

/** In the order in which they run. One set for every database. */
export const migrations = [CreateTheFirstTables1763700000000, KeepPaymentMethodsAndBillingDetails1763710000000];
