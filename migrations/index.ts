import { CreateTheFirstTables1763700000000 } from './1763700000000-create-the-first-tables.js';
import { KeepPaymentMethodsAndBillingDetails1763710000000 } from './1763710000000-keep-payment-methods-and-billing-details.js';
import { KeepPendingChangesAndPauses1763720000000 } from './1763720000000-keep-pending-changes-and-pauses.js';
import { KeepAllOfAPrice1763730000000 } from './1763730000000-keep-all-of-a-price.js';
import { KeepDiscountsAndCredit1763751000000 } from './1763751000000-keep-discounts-and-credit.js';
import { KeepWhatMustBeTold1763752000000 } from './1763752000000-keep-what-must-be-told.js';
import { ReadTheListOfEvents1763753000000 } from './1763753000000-read-the-list-of-events.js';
import { KeepAnswersAndWhatAProductSaysOfItsAccounts1763753500000 } from './1763753500000-keep-answers-and-what-a-product-says-of-its-accounts.js';
import { CountTriesByWhatStoodInTheWay1763760000000 } from './1763760000000-count-tries-by-what-stood-in-the-way.js';
import { FindDrift1763761000000 } from './1763761000000-find-drift.js';
import { KeepWhoReplayedEvents1763763000000 } from './1763763000000-keep-who-replayed-events.js';
import { KeepHowInvoicesWerePaid1763770000000 } from './1763770000000-keep-how-invoices-were-paid.js';
import { CountUsage1763775000000 } from './1763775000000-count-usage.js';
import { SortInvoicesByNumber1763776000000 } from './1763776000000-sort-invoices-by-number.js';
import { TellWhatIsUsed1763777000000 } from './1763777000000-tell-what-is-used.js';
import { KeepWhenACustomerWasWritten1763780000000 } from './1763780000000-keep-when-a-customer-was-written.js';
import { KeepTheChangeThatIsNotPaid1763790000000 } from './1763790000000-keep-the-change-that-is-not-paid.js';
import { RunJobs1763800000000 } from './1763800000000-run-jobs.js';
import { ConfirmApart1763810000000 } from './1763810000000-confirm-apart.js';
import { FindWhatWasHandled1763811000000 } from './1763811000000-find-what-was-handled.js';
import { KeepWhenAProductWasMade1763812000000 } from './1763812000000-keep-when-a-product-was-made.js';

/** In the order in which they run. One set for every database. */
export const migrations = [
  CreateTheFirstTables1763700000000,
  KeepPaymentMethodsAndBillingDetails1763710000000,
  KeepPendingChangesAndPauses1763720000000,
  KeepAllOfAPrice1763730000000,
  KeepDiscountsAndCredit1763751000000,
  KeepWhatMustBeTold1763752000000,
  ReadTheListOfEvents1763753000000,
  KeepAnswersAndWhatAProductSaysOfItsAccounts1763753500000,
  CountTriesByWhatStoodInTheWay1763760000000,
  FindDrift1763761000000,
  KeepWhoReplayedEvents1763763000000,
  KeepHowInvoicesWerePaid1763770000000,
  CountUsage1763775000000,
  SortInvoicesByNumber1763776000000,
  TellWhatIsUsed1763777000000,
  KeepWhenACustomerWasWritten1763780000000,
  KeepTheChangeThatIsNotPaid1763790000000,
  RunJobs1763800000000,
  ConfirmApart1763810000000,
  FindWhatWasHandled1763811000000,
  KeepWhenAProductWasMade1763812000000,
];
