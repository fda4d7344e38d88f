import { Arg, Authorized, Ctx, Field, FieldResolver, ID, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { Role } from '../auth/roles.js';
import { type Connection, connectionOf, cursorsOf, pageSize, toConnection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { Money, Period } from '../graphql/money.js';
import { SafeIntScalar } from '../graphql/scalars.js';
import { maySeeAccount } from '../graphql/viewer-account.js';
import type { Catalogue } from '../plans/catalogue.loader.js';
import { Plan } from '../plans/plan.entity.js';
import { priceIn } from '../subscriptions/recurring-amount.js';
import { Invoice } from './invoice.entity.js';
import type { InvoiceLineState } from './invoice.js';

@ObjectType({ description: 'One line of an invoice.' })
export class InvoiceLine {
  /** Null for what has no price. */
  priceId!: string | null;

  @Field(() => String, { description: 'What it is for.' })
  description!: string;

  @Field(() => Money, { description: 'What it costs; negative for a credit.' })
  amount!: Money;

  @Field(() => SafeIntScalar, { nullable: true, description: 'How many units; null where there are none.' })
  quantity!: number | null;

  @Field(() => Boolean, { description: 'Part of a period, because of a change in mid-period.' })
  proration!: boolean;

  @Field(() => Period, { description: 'The time it pays for.' })
  period!: Period;
}

export const toInvoiceLine = (line: InvoiceLineState, currency: string): InvoiceLine => ({
  priceId: line.priceId,
  description: line.description,
  amount: new Money(line.amount, currency),
  quantity: line.quantity,
  proration: line.proration,
  period: new Period(line.periodStart, line.periodEnd),
});

const InvoiceLineConnection = connectionOf('InvoiceLine', () => InvoiceLine, { counted: true });
const cursors = cursorsOf('lines', ['number']);

@Resolver(() => Invoice)
export class InvoiceResolver {
  @Authorized(Role.MEMBER)
  @Query(() => Invoice, {
    nullable: true,
    description: 'One invoice; null when you may not see it or there is none of that id, which look the same.',
  })
  async invoice(
    @Arg('id', () => ID, { description: "Stripe's id (in_…)." }) id: string,
    @Ctx() context: Context,
  ): Promise<Invoice | null> {
    const invoice = await context.loaders.invoice.load(id);
    return invoice && maySeeAccount(context.caller, invoice.accountId) ? invoice : null;
  }

  @FieldResolver(() => Money, { description: 'Sum of the lines.' })
  subtotal(@Root() { subtotal, currency }: Invoice): Money {
    return new Money(subtotal, currency);
  }

  @FieldResolver(() => Money, { description: 'What discounts took off.' })
  discount(@Root() { discount, currency }: Invoice): Money {
    return new Money(discount, currency);
  }

  @FieldResolver(() => Money, { nullable: true, description: 'Tax; null when none is computed.' })
  tax(@Root() { tax, currency }: Invoice): Money | null {
    return tax === null ? null : new Money(tax, currency);
  }

  @FieldResolver(() => Money, { description: 'What it comes to, with discounts and tax.' })
  total(@Root() { total, currency }: Invoice): Money {
    return new Money(total, currency);
  }

  @FieldResolver(() => Money, { description: 'What has been paid.' })
  amountPaid(@Root() { amountPaid, currency }: Invoice): Money {
    return new Money(amountPaid, currency);
  }

  @FieldResolver(() => Money, { description: 'What was asked for, after credit.' })
  amountDue(@Root() { amountDue, currency }: Invoice): Money {
    return new Money(amountDue, currency);
  }

  @FieldResolver(() => Period, {
    nullable: true,
    description: 'The time it pays for; null for an invoice without lines.',
  })
  period(@Root() { periodStart, periodEnd }: Invoice): Period | null {
    return periodStart === null || periodEnd === null ? null : new Period(periodStart, periodEnd);
  }

  @FieldResolver(() => InvoiceLineConnection, { description: 'Its lines, in the order of the invoice.' })
  lines(
    @Root() { lines, currency }: Invoice,
    @Arg('first', () => Int, { defaultValue: 50, description: 'How many, 1 to 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor behind which to go on.' }) after: string | null,
  ): Connection<InvoiceLine> {
    const from = after ? Number(cursors.decode(after)[0]) + 1 : 0;
    const rows = lines
      .map((line, place) => ({ line: toInvoiceLine(line, currency), place }))
      .slice(from, from + pageSize(first) + 1);
    const { edges, pageInfo } = toConnection(rows, first, after, ({ place }) => cursors.encode([place]));
    const shown = edges.map(({ cursor, node }) => ({ cursor, node: node.line }));
    return { edges: shown, nodes: shown.map(({ node }) => node), pageInfo, totalCount: Promise.resolve(lines.length) };
  }
}

@Resolver(() => InvoiceLine)
export class InvoiceLineResolver {
  @FieldResolver(() => Money, {
    nullable: true,
    description:
      'Price of one unit for a whole period; null for tiered prices, and for what the catalogue does not know.',
  })
  async unit(@Root() line: InvoiceLine, @Ctx() { loaders }: Context): Promise<Money | null> {
    const price = priceOfLine(line, await loaders.catalogue());
    return price?.unitAmount == null ? null : new Money(price.unitAmount, price.currency);
  }

  @FieldResolver(() => Plan, { nullable: true, description: 'The plan that it pays for; null when it pays for none.' })
  async plan(@Root() line: InvoiceLine, @Ctx() { loaders }: Context): Promise<Plan | null> {
    const catalogue = await loaders.catalogue();
    return catalogue.planByKey.get(priceOfLine(line, catalogue)?.planKey ?? '') ?? null;
  }
}

const priceOfLine = ({ priceId, amount: { currency } }: InvoiceLine, catalogue: Catalogue) =>
  priceId === null ? null : priceIn(catalogue, priceId, currency);
