import type { Account } from '../account.js';
import type { Tables } from '../store/tables.js';

export interface TaxLocation {
  country: string;
  state: string | null;
  source: 'billing_address' | 'ip_address' | 'shipping_destination';
}

const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** Whether a two-letter code names a country. */
function isCountry(code: string | null | undefined): code is string {
  return typeof code === 'string' && /^[A-Z]{2}$/.test(code) && code !== 'ZZ' && regions.of(code) !== undefined;
}

type Place = Pick<Tables['customer'], 'id' | 'address' | 'shipping'>;

/** Where a customer is taxed: by where parcels go, else by the billing address, else by where the IP address lies. */
export function taxLocationOf(account: Account, { id, address, shipping }: Place): TaxLocation | null {
  const parcels = shipping?.address;
  if (isCountry(parcels?.country))
    return { country: parcels.country, state: parcels.state ?? null, source: 'shipping_destination' };
  if (isCountry(address?.country))
    return { country: address.country, state: address.state ?? null, source: 'billing_address' };
  const country = account.settings.countryOfIp[account.store.get('customer_ip', id)?.ip_address ?? ''];
  return isCountry(country) ? { country, state: null, source: 'ip_address' } : null;
}
