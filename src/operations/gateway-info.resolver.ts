import { Authorized, Ctx, Field, ObjectType, Query, registerEnumType, Resolver } from 'type-graphql';
import { Role } from '../auth/roles.js';
import type { Config } from '../config.js';
import type { Context } from '../graphql/context.js';
import { CurrencyCodeScalar, DateTimeScalar } from '../graphql/scalars.js';
import { STRIPE_API_VERSION } from '../stripe/client.js';
import { version } from '../version.js';

export enum GatewayMode {
  SANDBOX = 'SANDBOX',
  TEST = 'TEST',
  LIVE = 'LIVE',
}

registerEnumType(GatewayMode, {
  name: 'GatewayMode',
  description: 'Whose money moves.',
  valuesConfig: {
    SANDBOX: { description: "Nobody's: a sandbox plays Stripe." },
    TEST: { description: "Nobody's: Stripe's test mode." },
    LIVE: { description: 'Real money.' },
  },
});

@ObjectType({ description: 'What this gateway is and what it can do.' })
export class GatewayInfo {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => String, { description: 'Its release.' })
  version!: string;

  @Field(() => GatewayMode, { description: 'Whose money moves.' })
  mode!: GatewayMode;

  @Field(() => String, { description: 'The pinned version of the API of Stripe.' })
  providerApiVersion!: string;

  @Field(() => String, { nullable: true, description: 'Key for Stripe.js; null when none is set, and in a sandbox.' })
  publishableKey!: string | null;

  @Field(() => [String], {
    description:
      'Optional abilities that are switched on, such as tax, tax_ids, embedded_checkout and trials_without_card.',
  })
  features!: string[];

  @Field(() => CurrencyCodeScalar, { description: 'Shown where nothing says another.' })
  defaultCurrency!: string;

  @Field(() => [CurrencyCodeScalar], { description: 'Every currency that something is sold in.' })
  currencies!: string[];

  @Field(() => DateTimeScalar, { description: "The clock in use; differs from real time only with the sandbox's." })
  now!: number;
}

@Resolver()
export class GatewayInfoResolver {
  @Authorized(Role.PUBLIC)
  @Query(() => GatewayInfo, { description: 'Names, modes and keys a browser needs. Works without a token.' })
  async gateway(@Ctx() { parts, loaders }: Context): Promise<GatewayInfo> {
    const { config, billing } = parts;
    const { prices } = await loaders.catalogue();
    const sold = prices.filter(({ active, planKey, addOnKey }) => active && (planKey ?? addOnKey) !== null);
    const others = new Set(sold.map(({ currency }) => currency));
    others.delete(config.defaultCurrency);
    return {
      name: 'GraphQL billing gateway',
      version,
      mode: modeOf(config),
      providerApiVersion: STRIPE_API_VERSION,
      publishableKey: config.publishableKey ?? null,
      features: abilitiesOf(config),
      defaultCurrency: config.defaultCurrency,
      currencies: [config.defaultCurrency, ...[...others].sort()],
      now: billing.now(),
    };
  }
}

function modeOf({ stripe }: Config): GatewayMode {
  if (stripe.apiBase !== undefined) return GatewayMode.SANDBOX;
  return /^(sk|rk)_live_/.test(stripe.secretKey) ? GatewayMode.LIVE : GatewayMode.TEST;
}

function abilitiesOf({ checkout, publishableKey }: Config): string[] {
  const switches: Record<string, boolean> = {
    tax: checkout.automaticTax,
    tax_ids: checkout.collectTaxIds,
    embedded_checkout: publishableKey !== undefined,
    elements: publishableKey !== undefined,
    trials_without_card: checkout.trialCard === 'optional',
  };
  return Object.keys(switches).filter((name) => switches[name]);
}
