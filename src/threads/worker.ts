/** What runs in the threads of pool.ts: one exported function a task. Each returns `Piscina.move`d buffers. */
export {}
