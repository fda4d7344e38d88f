export enum PortalFlow {
  HOME = 'HOME',
  PAYMENT_METHOD = 'PAYMENT_METHOD',
  CANCEL = 'CANCEL',
  CHANGE_PLAN = 'CHANGE_PLAN',
  INVOICES = 'INVOICES',
}

/** Stripe's words for a flow, with what it needs. */
export type FlowData = { after_completion: { type: 'redirect'; redirect: { return_url: string } } } & (
  | { type: 'payment_method_update' }
  | { type: 'subscription_cancel'; subscription_cancel: { subscription: string } }
  | { type: 'subscription_update'; subscription_update: { subscription: string } }
);

export const needsSubscription = (flow: PortalFlow): boolean =>
  flow === PortalFlow.CANCEL || flow === PortalFlow.CHANGE_PLAN;

/** Undefined for the portal's own first page, which is also where the invoices are. */
export function flowData(flow: PortalFlow, subscription: string | null, returnUrl: string): FlowData | undefined {
  const after_completion = { type: 'redirect' as const, redirect: { return_url: returnUrl } };
  if (flow === PortalFlow.PAYMENT_METHOD) return { type: 'payment_method_update', after_completion };
  if (subscription === null) return undefined;
  if (flow === PortalFlow.CANCEL)
    return { type: 'subscription_cancel', subscription_cancel: { subscription }, after_completion };
  if (flow === PortalFlow.CHANGE_PLAN)
    return { type: 'subscription_update', subscription_update: { subscription }, after_completion };
  return undefined;
}

/** Languages of the portal: https://docs.stripe.com/api/customer_portal/sessions/create#create_portal_session-locale */
const LOCALES = (
  'bg cs da de el en en-AU en-CA en-GB en-IE en-IN en-NZ en-SG es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ' +
  'ms mt nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW'
).split(' ');

/** The closest language that the portal speaks; `auto` follows the browser. */
export function portalLocale(locale: string | null): string {
  if (locale === null) return 'auto';
  const [language = ''] = locale.split('-');
  const meant = language === 'no' || language === 'nn' ? 'nb' : language;
  return LOCALES.find((known) => known === locale) ?? LOCALES.find((known) => known === meant) ?? 'auto';
}
