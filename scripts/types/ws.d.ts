// Stands in for declarations of ws, which it does not ship. What is used of it is declared where it is used.
export declare const WebSocketServer: unknown;
export declare const WebSocket: new (url: string, options?: object) => object;
