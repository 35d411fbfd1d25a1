import type { Dispatcher } from 'undici';
import type { FaultKind } from './faults.ts';

/**
 * One request on its way, and the proof of whether it left (safety.md C1, C4).
 *
 * undici (client-h1.js, `writeH1`) calls `onRequestStart` with an established socket in hand, the TLS handshake done,
 * and writes header and body in the same synchronous step right after it, since the body handed to it here is a buffer
 * (fetch's own would be an iterator, written some ticks later). So until that call not one byte has left, and refusing
 * there is proof that none ever will.
 */
export interface Flight {
  /** Goes between fetch and the agent. */
  readonly interceptor: Dispatcher.DispatcherComposeInterceptor;
  /** False is proof that no byte of the request left; it may turn true until `end` was called. */
  sent(): boolean;
  /** The status of the answer, as soon as one came. */
  status(): number | null;
  /** Why the request was held back, if it was. */
  heldBack(): FaultKind | null;
  /** Cuts the connection if the request is still on it. */
  cut(): void;
  /** From now on nothing leaves. */
  end(): void;
}

export interface FlightTerms {
  readonly body: string | null;
  /** Asked just before the bytes leave: null, or why they must not. */
  readonly hold: () => FaultKind | null;
  /** Called as the bytes leave. */
  readonly onSent: () => void;
}

/** A new flight, for one request. It leaves at most once: fetch would answer a 421 by sending a POST a second time. */
export function openFlight(terms: FlightTerms): Flight {
  let sent = false;
  let ended = false;
  let status: number | null = null;
  let held: FaultKind | null = null;
  let control: Dispatcher.DispatchController | null = null;

  function start(
    controller: Dispatcher.DispatchController,
    handler: Dispatcher.DispatchHandler,
    context: unknown,
  ): void {
    const reason = ended ? 'aborted' : sent ? 'again' : terms.hold();
    if (reason !== null) {
      held = reason;
      controller.abort(new Error(reason));
      return;
    }
    handler.onRequestStart?.(controller, context);
    // fetch itself aborts here if it was given up while it waited for a socket.
    if (controller.aborted) return;
    sent = true;
    control = controller;
    terms.onSent();
  }

  return {
    interceptor: (dispatch) => (options, handler) =>
      dispatch(terms.body === null ? options : { ...options, body: Buffer.from(terms.body) }, {
        onRequestStart: (controller, context) => start(controller, handler, context),
        onRequestUpgrade: (...event) => handler.onRequestUpgrade?.(...event),
        onResponseStart: (controller, code, headers, text) => {
          if (code >= 200) status ??= code;
          handler.onResponseStart?.(controller, code, headers, text);
        },
        onResponseData: (...event) => handler.onResponseData?.(...event),
        onResponseEnd: (...event) => handler.onResponseEnd?.(...event),
        onResponseError: (...event) => handler.onResponseError?.(...event),
      }),
    sent: () => sent,
    status: () => status,
    heldBack: () => held,
    cut: () => control?.abort(new Error('cut')),
    end: () => {
      ended = true;
    },
  };
}
