import type { World } from './world.js';

/** Sells `storage` on top of Team and Business, by the month for 4.50 and by the year for 45.00, and `backup` on top of Team by the month for 8.00. */
export async function sellAddOns(world: World): Promise<void> {
  const storage = await addOn(world, 'storage', 'team,business');
  await priceOf(world, storage, 'storage', 'month', 450);
  await priceOf(world, storage, 'storage', 'year', 4_500);
  await sellAddOn(world, 'backup', 800);
  await world.settled();
}

/** Sells one more on top of Team, by the month. */
export async function sellAddOn(world: World, key: string, monthly: number): Promise<void> {
  await priceOf(world, await addOn(world, key, 'team'), key, 'month', monthly);
}

async function addOn({ gateway }: World, key: string, plans: string): Promise<string> {
  const metadata = { app: 'billing', kind: 'add_on', add_on_id: key, plans, seats_max: '10' };
  return (await gateway.parts.stripe.products.create({ name: key, metadata })).id;
}

async function priceOf(
  { gateway }: World,
  product: string,
  key: string,
  interval: 'month' | 'year',
  unit_amount: number,
): Promise<void> {
  const price = { product, currency: 'usd', unit_amount, lookup_key: `${key}_${interval}`, recurring: { interval } };
  await gateway.parts.stripe.prices.create(price);
}

/** Sells a sample plan by the month for another amount from now on, and archives the price that was sold. */
export async function raisePrice(world: World, plan: string, unit_amount: number): Promise<void> {
  const { stripe } = world.gateway.parts;
  const lookup_key = `${plan}_month`;
  const [old] = (await stripe.prices.list({ lookup_keys: [lookup_key] })).data;
  await stripe.prices.create({
    product: `prod_sample_${plan}`,
    currency: 'usd',
    unit_amount,
    lookup_key,
    transfer_lookup_key: true,
    recurring: { interval: 'month' },
  });
  await stripe.prices.update(old?.id ?? '', { active: false });
}

/** A code that takes a quarter off: once, for some months, or forever. */
export async function sellCode(
  world: World,
  code: string,
  duration: 'once' | 'forever' | { months: number },
): Promise<string> {
  const { stripe } = world.gateway.parts;
  const coupon = await stripe.coupons.create({
    percent_off: 25,
    name: 'A quarter off',
    ...(typeof duration === 'string' ? { duration } : { duration: 'repeating', duration_in_months: duration.months }),
  });
  const { id } = await stripe.promotionCodes.create({ code, promotion: { type: 'coupon', coupon: coupon.id } });
  await world.settled();
  return id;
}
