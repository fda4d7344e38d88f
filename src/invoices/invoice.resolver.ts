import { Arg, Authorized, Ctx, Field, FieldResolver, ID, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { Money, Period } from '../graphql/money.js';
import { SafeIntScalar } from '../graphql/scalars.js';
import { readViewerAccount } from '../graphql/viewer-account.js';
import { Invoice } from './invoice.entity.js';
import type { InvoiceLineState } from './invoice.js';

@ObjectType({ description: 'One line of an invoice.' })
export class InvoiceLine {
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
  description: line.description,
  amount: new Money(line.amount, currency),
  quantity: line.quantity,
  proration: line.proration,
  period: new Period(line.periodStart, line.periodEnd),
});

@Resolver(() => Invoice)
export class InvoiceResolver {
  @Authorized(Role.MEMBER)
  @Query(() => Invoice, {
    nullable: true,
    description: "One invoice of the caller's account; null when it has none of that id.",
  })
  async invoice(
    @Arg('id', () => ID, { description: "Stripe's id (in_…)." }) id: string,
    @Ctx() context: Context,
  ): Promise<Invoice | null> {
    const account = await readViewerAccount(context);
    const invoice = await context.loaders.invoice.load(id);
    return invoice?.accountId === account.id ? invoice : null;
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

  @FieldResolver(() => [InvoiceLine], { description: 'Its lines, in the order of the invoice.' })
  lines(@Root() { lines, currency }: Invoice): InvoiceLine[] {
    return lines.map((line: InvoiceLineState) => toInvoiceLine(line, currency));
  }
}
