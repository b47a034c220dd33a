import { encodeUtf8 } from '@yinglian/core';

/** A UUID that is a number. */
export const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** A small composition, valid as it is. */
export function composition(change: (xml: string) => string = (xml) => xml): Uint8Array {
  const resource = (id: number, encoding: number, file: number, rate: string, units: number) =>
    `<Resource><Id>urn:uuid:${uuid(id)}</Id><EditRate>${rate}</EditRate>` +
    `<IntrinsicDuration>${units}</IntrinsicDuration><SourceEncoding>urn:uuid:${uuid(encoding)}` +
    `</SourceEncoding><TrackFileId>urn:uuid:${uuid(file)}</TrackFileId></Resource>`;
  const segment = (n: number) =>
    `<Segment><Id>urn:uuid:${uuid(100 + n)}</Id><SequenceList><cc:MainImageSequence>` +
    `<Id>urn:uuid:${uuid(200 + n)}</Id><TrackId>urn:uuid:${uuid(1)}</TrackId><ResourceList>` +
    `${resource(300 + n, 11, 21, '24 1', 240)}</ResourceList></cc:MainImageSequence>` +
    `<cc:MainAudioSequence><Id>urn:uuid:${uuid(400 + n)}</Id>` +
    `<TrackId>urn:uuid:${uuid(2)}</TrackId>` +
    `<ResourceList>${resource(500 + n, 12, 22, '48000 1', 480_000)}</ResourceList>` +
    `</cc:MainAudioSequence></SequenceList></Segment>`;
  const label = (tail: string) => `urn:smpte:ul:060e2b34.0401010d.${tail}`;
  const component = (code: string) =>
    `<r:RGBAComponent><r:Code>${code}</r:Code><r:ComponentSize>10</r:ComponentSize>` +
    `</r:RGBAComponent>`;
  return encodeUtf8(
    change(
      `<?xml version="1.0"?>` +
        `<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016" ` +
        `xmlns:cc="http://www.smpte-ra.org/schemas/2067-2/2016" ` +
        `xmlns:r="http://www.smpte-ra.org/reg/335/2012">` +
        `<Id>urn:uuid:${uuid(9)}</Id><IssueDate>2026-01-01T00:00:00Z</IssueDate>` +
        `<ContentTitle>T</ContentTitle>` +
        `<EssenceDescriptorList><EssenceDescriptor><Id>urn:uuid:${uuid(11)}</Id>` +
        `<r:CDCIDescriptor>` +
        `<r:SampleRate>24/1</r:SampleRate><r:FrameLayout>FullFrame</r:FrameLayout>` +
        `<r:StoredWidth>1920</r:StoredWidth>` +
        `<r:StoredHeight>1080</r:StoredHeight><r:ComponentDepth>10</r:ComponentDepth>` +
        `<r:HorizontalSubsampling>2</r:HorizontalSubsampling>` +
        `<r:BlackRefLevel>64</r:BlackRefLevel>` +
        `<r:WhiteRefLevel>940</r:WhiteRefLevel><r:ColorRange>897</r:ColorRange>` +
        `<r:TransferCharacteristic>${label('04010101.01020000')}</r:TransferCharacteristic>` +
        `<r:ColorPrimaries>${label('04010101.03030000')}</r:ColorPrimaries>` +
        `<r:CodingEquations>${label('04010101.02020000')}</r:CodingEquations>` +
        `<r:PictureCompression>${label('04010202.03010213')}</r:PictureCompression>` +
        `<r:SubDescriptors><r:JPEG2000SubDescriptor><r:Xsiz>1920</r:Xsiz><r:Ysiz>1080</r:Ysiz>` +
        `<r:J2CLayout>` +
        `${['CompLuma', 'CompColorDifferenceU', 'CompColorDifferenceV'].map(component).join('')}` +
        `</r:J2CLayout></r:JPEG2000SubDescriptor></r:SubDescriptors></r:CDCIDescriptor>` +
        `</EssenceDescriptor>` +
        `<EssenceDescriptor><Id>urn:uuid:${uuid(12)}</Id><r:WAVEPCMDescriptor>` +
        `<r:AudioSampleRate>48000/1</r:AudioSampleRate><r:ChannelCount>6</r:ChannelCount>` +
        `<r:QuantizationBits>24</r:QuantizationBits></r:WAVEPCMDescriptor></EssenceDescriptor>` +
        `</EssenceDescriptorList><EditRate>24 1</EditRate><ExtensionProperties>` +
        `<cc:ApplicationIdentification>` +
        `http://www.smpte-ra.org/schemas/2067-21/2016</cc:ApplicationIdentification>` +
        `</ExtensionProperties>` +
        `<SegmentList>${segment(1)}${segment(2)}</SegmentList></CompositionPlaylist>`,
    ),
  );
}

/** A small output profile for it, valid as it is. */
export function profile(change: (xml: string) => string = (xml) => xml): Uint8Array {
  return encodeUtf8(
    change(
      `<OutputProfileList xmlns="http://www.smpte-ra.org/schemas/2067-100/2014" ` +
        `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:s="urn:s">` +
        `<Id>urn:uuid:${uuid(7)}</Id><IssueDate>2026-01-01T00:00:00Z</IssueDate>` +
        `<CompositionPlaylistId>urn:uuid:${uuid(9)}</CompositionPlaylistId>` +
        `<AliasList><Alias handle="macros/b/outputs/images">Main</Alias></AliasList><MacroList>` +
        `<Macro xsi:type="s:Scale"><Name>a</Name><s:InputImageSequence>` +
        `<s:Handle>cpl/virtual-tracks/${uuid(1)}` +
        `</s:Handle></s:InputImageSequence></Macro><Macro xsi:type="s:Crop"><Name>b</Name>` +
        `<s:InputImageSequence><s:Handle>macros/a/outputs/images</s:Handle>` +
        `</s:InputImageSequence></Macro>` +
        `</MacroList></OutputProfileList>`,
    ),
  );
}
