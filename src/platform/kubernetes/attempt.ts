import { KubernetesError } from "./kubernetes.ts";

/** One running call, which ends by itself, by its caller, by the time it may take, or because the client is closed. */
export interface Attempt {
  signal: AbortSignal;
  /** Aborts the call after `limit` milliseconds, with `message`. Replaces the previous limit. */
  within(limit: number, message: string): void;
  /** Milliseconds until the limit. */
  left(): number;
  /** No limit until the next `within`. */
  pause(): void;
  abort(error: KubernetesError): void;
  /** The KubernetesError for what made the call fail. */
  explain(error: unknown): KubernetesError;
  /** Must be called when the call is over. */
  end(): void;
}

/** Starts a call; `signal` is that of its caller. */
export function startAttempt(signal: AbortSignal | undefined): Attempt {
  // AbortSignal.any would keep something on the caller's signal, which may live as long as the process.
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let until = Number.POSITIVE_INFINITY;
  const abort = (error: KubernetesError) => controller.abort(error);
  const cancel = () =>
    abort(new KubernetesError("The call was canceled", undefined, undefined, { cause: signal?.reason }));
  if (signal?.aborted) cancel();
  else signal?.addEventListener("abort", cancel, { once: true });

  const pause = () => {
    clearTimeout(timer);
    until = Number.POSITIVE_INFINITY;
  };
  return {
    signal: controller.signal,
    abort,
    pause,
    within(limit, message) {
      pause();
      until = performance.now() + limit;
      timer = setTimeout(() => abort(new KubernetesError(message)), limit);
    },
    left: () => until - performance.now(),
    explain(error) {
      if (controller.signal.aborted) return controller.signal.reason;
      if (error instanceof KubernetesError) return error;
      return new KubernetesError(`The Kubernetes API cannot be reached: ${reasonOf(error)}`, undefined, undefined, {
        cause: error,
      });
    },
    end() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
    },
  };
}

/** The system's message, without Node's advice about its own options. Of several addresses that failed, only their code. */
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message.replace(/; if the root CA is installed locally.*/, "") || `${code}`;
}
