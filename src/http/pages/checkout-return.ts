import { renderPage } from './page.js';

/** Where Stripe sends the buyer back to when the product named no page of its own. */
export const checkoutSuccessPage = renderPage(
  'Thank you',
  `<p>Your subscription starts as soon as the payment provider has told us that it is paid, which usually takes a few seconds.</p>
<p>You can close this page.</p>`,
);

export const checkoutCancelPage = renderPage(
  'Checkout left',
  `<p>Nothing was bought and nothing was charged.</p>
<p>You can close this page, or go back to where you came from and try again.</p>`,
);
