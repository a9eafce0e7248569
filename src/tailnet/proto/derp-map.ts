import type { DerpMap, DerpNode, DerpRegion } from "./messages.ts";
import { eachField } from "./read.ts";

/** Reads the DERPMap of `StreamDERPMaps` (docs/tailnet.md, Coordination). Throws where the bytes are no protobuf. */
export function decodeDerpMap(bytes: Uint8Array): DerpMap {
  const map = new Map<number, DerpRegion>();
  eachField(bytes, (number, reader) => {
    if (number !== 2) return false;
    let region: DerpRegion | undefined;
    eachField(reader.bytes(), (part, entry) => {
      if (part !== 2) return false;
      region = decodeRegion(entry.bytes());
      return true;
    });
    if (region) map.set(region.id, region);
    return true;
  });
  return map;
}

function decodeRegion(bytes: Uint8Array): DerpRegion {
  const region: DerpRegion = { id: 0, code: "", name: "", embeddedRelay: false, avoid: false, nodes: [] };
  eachField(bytes, (number, reader) => {
    if (number === 1) region.id = Number(reader.int64());
    else if (number === 2) region.embeddedRelay = reader.bool();
    else if (number === 3) region.code = reader.string();
    else if (number === 4) region.name = reader.string();
    else if (number === 5) region.avoid = reader.bool();
    else if (number === 6) region.nodes.push(decodeDerpNode(reader.bytes()));
    else return false;
    return true;
  });
  return region;
}

function decodeDerpNode(bytes: Uint8Array): DerpNode {
  const node: DerpNode = { name: "", host: "", port: 0, stunOnly: false, forceHttp: false };
  eachField(bytes, (number, reader) => {
    if (number === 1) node.name = reader.string();
    else if (number === 3) node.host = reader.string();
    else if (number === 8) node.stunOnly = reader.bool();
    else if (number === 9) node.port = reader.int32();
    else if (number === 11) node.forceHttp = reader.bool();
    else return false;
    return true;
  });
  return node;
}
