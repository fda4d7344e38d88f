import type { Account } from '../account.js';
import { readdressDrafts } from '../billing/billed-to.js';
import { parameterInvalid, parameterMissing } from '../http/errors.js';
import { fullAddress } from '../resources/addresses.js';
import type { Session } from '../resources/checkout-sessions.js';
import { createTaxId } from '../resources/tax-ids.js';
import type { CheckoutPlan, Tables } from '../store/tables.js';

/** What the customer writes into the checkout beside the card. */
export type EnteredDetails = NonNullable<CheckoutPlan['entered']>;

/** Which fields the checkout asks for: a new customer's always, those of a known one where the session may change them. */
export function askedFor(account: Account, session: Session): { name: boolean; country: boolean; taxId: boolean } {
  const taxId = session.tax_id_collection?.enabled ?? false;
  const address = session.billing_address_collection === 'required' || session.automatic_tax.enabled;
  return { name: taxId, country: address || mayChange(account, session, 'address'), taxId };
}

function mayChange(account: Account, session: Session, field: 'address' | 'name'): boolean {
  return account.store.get('checkout_plan', session.id)?.customer_update?.[field] === 'auto';
}

export function checkEntered(session: Session, entered: EnteredDetails): void {
  const collects = session.tax_id_collection;
  if (entered.tax_id && !collects?.enabled)
    throw parameterInvalid('tax_id', `The checkout session '${session.id}' does not collect tax ids.`);
  const { enabled: asksPhone = false } = session.phone_number_collection ?? {};
  if (entered.phone && !asksPhone)
    throw parameterInvalid('phone', `The checkout session '${session.id}' does not collect phone numbers.`);
  if (!entered.phone && asksPhone) throw parameterMissing('phone');
  if (!entered.tax_id && collects?.enabled && collects.required === 'if_supported') throw parameterMissing('tax_id');
}

/** Keeps what was entered for the session, and hands on to the customer what the session lets it change. */
export function keepEntered(
  account: Account,
  session: Session,
  customer: string | null,
  entered: EnteredDetails,
): void {
  const plan = account.store.get('checkout_plan', session.id);
  if (plan) account.store.put('checkout_plan', { ...plan, entered });
  const held = customer ? account.store.get('customer', customer) : undefined;
  if (!held) return;
  const fresh = session.customer === null;
  const patch: Partial<Tables['customer']> = {
    ...(entered.phone ? { phone: entered.phone } : {}),
    ...(entered.name && (fresh || mayChange(account, session, 'name')) ? { name: entered.name } : {}),
    ...(entered.country && (fresh || mayChange(account, session, 'address'))
      ? { address: fullAddress({ country: entered.country }) }
      : {}),
  };
  account.update('customer', held.id, patch, 'customer.updated');
  readdressDrafts(account, held.id);
  if (entered.tax_id) createTaxId(account, held.id, entered.tax_id);
}

/** The parts of `customer_details` that were entered. */
export function shownDetails(account: Account, session: string): Partial<NonNullable<Session['customer_details']>> {
  const { name, country, phone, tax_id } = account.store.get('checkout_plan', session)?.entered ?? {};
  return {
    ...(name ? { name } : {}),
    ...(country ? { address: fullAddress({ country }) } : {}),
    ...(phone ? { phone } : {}),
    ...(tax_id ? { tax_ids: [tax_id] as NonNullable<Session['customer_details']>['tax_ids'] } : {}),
  };
}
