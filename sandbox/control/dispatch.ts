import type { ServerResponse } from 'node:http';
import { failure, type ApiAnswer, type ApiRequest } from '../http/api.js';
import { StripeError } from '../http/errors.js';
import { checkoutRoutes } from './checkout-routes.js';
import { clockRoutes } from './clock-routes.js';
import { ControlError, json, readBody, type ControlRoute, type Controls } from './control.js';
import { consoleRoutes } from './console-routes.js';
import { paymentMethodRoutes } from './payment-method-routes.js';
import { snapshotRoutes } from './snapshot-routes.js';
import { deliveryRoutes } from './delivery-routes.js';
import { faultRoutes } from './fault-routes.js';
import { stateRoutes } from './state-routes.js';

const controlRoutes: ControlRoute[] = [
  ...clockRoutes,
  ...stateRoutes,
  ...checkoutRoutes,
  ...faultRoutes,
  ...deliveryRoutes,
  ...consoleRoutes,
  ...snapshotRoutes,
  ...paymentMethodRoutes,
];

/** Answers a path under `/_sandbox`. */
export async function answerControl(
  controls: Controls,
  request: ApiRequest,
  response: ServerResponse,
): Promise<ApiAnswer | null> {
  const fitting = controlRoutes.filter(({ path }) => path.test(request.path));
  const found = fitting.find(({ method }) => method === request.method);
  if (!found) {
    if (fitting.length > 0)
      return json(
        {
          error: {
            message: `${request.path} takes ${fitting.map(({ method }) => method).join(' or ')}, not ${request.method}.`,
          },
        },
        405,
      );
    return json({ error: { message: `There is no control path ${request.path}.` } }, 404);
  }
  try {
    const ids = [...(found.path.exec(request.path) ?? [])].slice(1).map((id) => decodeURIComponent(id));
    return await found.handle({
      controls,
      request,
      response,
      ids,
      body: readBody(request),
      query: new URLSearchParams(request.query),
    });
  } catch (error) {
    if (error instanceof StripeError) return failure(error, request.path);
    if (error instanceof ControlError) return json({ error: { message: error.message } }, error.status);
    throw error;
  }
}
