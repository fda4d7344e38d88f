import {
  Arg,
  Authorized,
  Ctx,
  Field,
  ID,
  InputType,
  Mutation,
  ObjectType,
  registerEnumType,
  Resolver,
} from 'type-graphql';
import type { Account } from '../accounts/account.entity.js';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { LocaleScalar, UrlScalar } from '../graphql/scalars.js';
import { toUserErrors, UserError } from '../graphql/user-errors.js';
import { ensureViewerAccount, OfAccount } from '../graphql/viewer-account.js';
import { createPortalSession } from './create-portal-session.js';
import { PortalFlow } from './portal-flow.js';

registerEnumType(PortalFlow, {
  name: 'PortalFlow',
  description: "The page of Stripe's portal to begin with.",
  valuesConfig: {
    HOME: { description: 'The first page.' },
    PAYMENT_METHOD: { description: 'Give another payment method.' },
    CANCEL: { description: 'Cancel the main subscription.' },
    CHANGE_PLAN: { description: 'Change the plan of the main subscription.' },
    INVOICES: { description: 'The first page, where past invoices are listed.' },
  },
});

@InputType({ description: 'Which page, and where to come back to.' })
export class CreatePortalSessionInput extends OfAccount {
  @Field(() => ID, {
    nullable: true,
    description: 'Portal configuration id, one of those the operator allows; the configured default when left out.',
  })
  configuration?: string | null;

  @Field(() => PortalFlow, { nullable: true, defaultValue: PortalFlow.HOME, description: 'The page to begin with.' })
  flow?: PortalFlow | null;

  @Field(() => UrlScalar, { description: 'Where to go afterwards; must be on the allow-list.' })
  returnUrl!: string;

  @Field(() => LocaleScalar, { nullable: true, description: "Language of the portal; the browser's when left out." })
  locale?: string | null;
}

@ObjectType({ description: "A visit to Stripe's portal." })
export class PortalSession {
  @Field(() => UrlScalar, { description: 'Where to send the browser to, at once: it is good for a few minutes.' })
  url!: string;

  @Field(() => PortalFlow, { description: 'The page it begins with.' })
  flow!: PortalFlow;
}

@ObjectType({ description: 'The portal to send the customer to.' })
export class CreatePortalSessionPayload {
  @Field(() => PortalSession, { nullable: true, description: 'Null when refused; see userErrors.' })
  session!: PortalSession | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was not.' })
  userErrors!: UserError[];
}

@Resolver()
export class PortalResolver {
  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => CreatePortalSessionPayload, {
    description:
      "Opens Stripe's portal, where cards, plan, cancellation and invoices are managed. Changes made there arrive as pushes.",
  })
  async createPortalSession(
    @Arg('input', () => CreatePortalSessionInput, { description: 'Which page.' }) input: CreatePortalSessionInput,
    @Ctx() context: Context,
  ): Promise<CreatePortalSessionPayload> {
    const flow = input.flow ?? PortalFlow.HOME;
    let account: Account | null = null;
    try {
      account = await ensureViewerAccount(context, input);
      const url = await createPortalSession(context.parts, {
        account,
        actor: context.caller?.subject ?? '',
        flow,
        returnUrl: input.returnUrl,
        configuration: input.configuration ?? null,
        locale: input.locale ?? null,
      });
      return { session: { url, flow }, userErrors: [] };
    } catch (thrown) {
      return { session: null, userErrors: await toUserErrors(thrown, context, account) };
    }
  }
}
