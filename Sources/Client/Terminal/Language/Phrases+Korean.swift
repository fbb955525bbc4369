extension Phrases {
    static let korean: [Phrase: String] = [
        // Times
        .timeFormat: "{half} {hour12}:{minute}",
        .morning: "오전",
        .afternoon: "오후",
        .dayFormat: "{year}년 {month}월 {day}일 {weekday}요일",
        .shortDayFormat: "{month}월 {day}일",
        .weekdays: "일,월,화,수,목,금,토",
        .months: "1,2,3,4,5,6,7,8,9,10,11,12",

        // The list of chats
        .chats: "채팅",
        .noChats: "아직 채팅이 없어요. /dm @이름:서버 또는 /create 로 시작해 보세요.",
        .invitation: "초대",
        .namelessChat: "이름 없는 채팅",
        .chooseChat: "채팅을 골라 주세요: 화살표와 Enter.",
        .memberCount: "other:{count}명",

        // A chat
        .invitedHere: "이 채팅에 초대받았어요. /accept 수락, /decline 거절",
        .noMessages: "아직 나눈 이야기가 없어요.",
        .beginning: "채팅의 시작이에요",
        .loadingOlder: "이전 메시지를 불러오는 중…",
        .composerHint: "메시지 입력 (Enter 보내기, Ctrl+J 줄바꿈, /help)",
        .replyingTo: "{name}님에게 답장: {text}",
        .editing: "메시지 고치는 중 (Esc: 그만두기)",
        .edited: "수정됨",
        .unsent: "보내기를 취소한 메시지예요",
        .unreadable: "읽을 수 없어요: {reason}",
        .file: "파일",
        .waiting: "대기 중",
        .sending: "보내는 중",
        .failed: "보내지 못했어요: {reason} (/retry 다시, /cancel 취소)",
        .readUpToHere: "여기까지 읽었어요",
        .newBelow: "other:새 메시지 {count}개",
        .typingOne: "{name}님이 입력 중…",
        .typingMany: "other:{name}님 외 {count}명이 입력 중…",
        .me: "나",

        // The line
        .lineOpen: "암호화 안 됨",
        .lineEncrypted: "암호화됨",
        .lineUnverified: "other:암호화됨, 미확인 기기 {count}대",
        .lineVerified: "암호화됨, 모두 확인됨",
        .lineBlocked: "멈춤: {name}님의 신원이 바뀌었어요. /verify 또는 /trust",
        .connecting: "연결하는 중…",
        .online: "연결됨",
        .slow: "느린 연결 ({latency}): 메시지가 늦게 갈 수 있어요",
        .offline: "오프라인: 쓴 글은 보관했다가 나중에 보내요",
        .offlineRetry: "오프라인, {seconds}초 뒤 다시 시도: 쓴 글은 보관해요",
        .queued: "other:보낼 메시지 {count}개",
        .signedOut: "서버에서 로그아웃됐어요. 실행: naru chat login",

        // Keys and panels
        .keysShort: "F1 도움말 · Tab 이동 · Ctrl+K 채팅 · Ctrl+C 끝내기",
        .helpTitle: "도움말",
        .helpKeys: "키",
        .helpCommands: "명령 (메시지처럼 입력)",
        .panelKeys: "↑↓ 고르기 · Enter 확인 · Esc 닫기",
        .scrollKeys: "↑↓ 움직이기 · Esc 닫기",
        .keyTab: "Tab",
        .keyTabAbout: "채팅 목록, 메시지, 입력 사이 이동",
        .keySwitchAbout: "이름이나 초성으로 채팅 찾기 (ㅁㅈ → 민지)",
        .keyAltArrowsAbout: "이전·다음 채팅, Shift와 함께면 안 읽은 채팅만",
        .keyPageAbout: "지난 대화 보기",
        .keyUpAbout: "빈 입력창에서: 마지막 메시지 고치기",
        .keyMessageAbout: "메시지에서: 답장, 반응, 고치기, 취소, 저장",
        .keySendAbout: "보내기; Ctrl+J나 Alt+Enter는 줄바꿈",
        .keyHistoryAbout: "전에 보낸 글 불러오기",
        .keyUndoAbout: "입력 되돌리기와 다시 하기",
        .keySearchAbout: "메시지 검색",
        .keySuspendAbout: "잠시 멈춤(fg로 복귀), 다시 그리기, 끝내기",
        .switchTitle: "채팅 찾기",
        .searchTitle: "검색: {query}",
        .nothingFound: "찾은 것이 없어요",
        .confirmUnsend: "이 메시지를 모두에게서 지울까요? 이미 본 사람이 있을 수 있어요.",
        .confirmLeave: "{name} 채팅을 나갈까요?",
        .confirmTrust: "비교하지 않고 {name}님의 새 신원을 받아들일까요? 바뀐 까닭을 아실 때만요.",
        .yes: "네",
        .no: "아니요",
        .close: "닫기",
        .pickReaction: "반응",

        // Help of commands
        .helpHelp: "이 도움말",
        .helpRooms: "채팅 찾기",
        .helpDirect: "한 사람과 채팅하기",
        .helpCreate: "새 그룹 만들기, 암호화 (/create-open: 암호화 없이)",
        .helpJoin: "주소로 들어가기",
        .helpAccept: "초대 수락",
        .helpDecline: "초대 거절",
        .helpInvite: "초대하기",
        .helpLeave: "채팅 나가기",
        .helpMembers: "참여자 보기",
        .helpName: "채팅 이름 바꾸기",
        .helpTopic: "채팅 주제 정하기",
        .helpReply: "고른 메시지나 마지막 메시지에 답장",
        .helpReact: "고른 메시지나 마지막 메시지에 반응",
        .helpEdit: "내 메시지 고치기",
        .helpUnsend: "내 메시지 보내기 취소",
        .helpRetry: "보내지 못한 메시지 다시 보내기",
        .helpCancel: "보내지 못한 메시지 버리기",
        .helpEmote: "행동으로 말하기",
        .helpFile: "파일 보내기",
        .helpSave: "고른 메시지의 파일 저장",
        .helpSearch: "이 기기의 모든 채팅에서 검색",
        .helpOlder: "이전 메시지 불러오기",
        .helpSecure: "이 채팅은 안전한가요?",
        .helpVerify: "사람이나 내 다른 기기와 이모지 비교",
        .helpTrust: "바뀐 신원 받아들이기",
        .helpDevices: "내 기기",
        .helpRecovery: "복구 키 만들기 또는 쓰기",
        .helpExport: "메시지 키를 파일로 내보내기",
        .helpImport: "파일에서 메시지 키 가져오기",
        .helpIgnore: "차단하기",
        .helpQuit: "끝내기",

        // Answers
        .unknownCommand: "/{name} 명령은 없어요. /help 로 볼 수 있어요.",
        .needsArgument: "/{name} 뒤에 내용이 필요해요. /help 를 봐 주세요.",
        .noChatOpen: "먼저 채팅을 열어 주세요.",
        .noMessageChosen: "여기에는 그럴 메시지가 없어요.",
        .notYours: "내 메시지만 할 수 있어요.",
        .tooLong: "글이 너무 길어요.",
        .noFileThere: "이 메시지에는 파일이 없어요.",
        .done: "했어요.",
        .saved: "저장했어요: {path}",
        .fileQueued: "보내는 중: {name}",
        .invited: "초대했어요: {name}",
        .problem: "안 됐어요: {reason}",
        .keysExported: "other:키 {count}개를 내보냈어요.",
        .keysImported: "other:키 {count}개를 가져왔어요.",

        // The line's panel
        .secureTitle: "이 채팅은 안전한가요?",
        .secureOpenAbout: "이 채팅은 암호화되지 않아요. 참여한 서버의 운영자는 모두 읽을 수 있어요.",
        .secureEncryptedAbout: """
        메시지는 기기 사이에서 암호화돼요. 서버는 누가 언제 이야기하는지는 알지만 내용은 몰라요.
        """,
        .secureUnverifiedAbout: """
        other:확인되지 않은 기기가 {count}대 있어요. /verify 로 이모지를 비교하면 누구 것인지 \
        알 수 있어요.
        """,
        .secureVerifiedAbout: "모두 비교해서 확인했어요.",
        .secureBlockedAbout: """
        {name}님의 신원이 바뀌었어요. 키를 새로 만들었거나 누군가 끼어든 거예요. 비교(/verify)하거나 \
        받아들일(/trust) 때까지 아무것도 보내지 않아요.
        """,

        // Verification
        .verifyTitle: "{name}님과 비교하기",
        .verifyAsk: "{name}님이 이모지 비교를 원해요. 할까요?",
        .verifyWaiting: "상대를 기다리는 중…",
        .verifyCompare: "양쪽이 같나요?",
        .verifyMatch: "일치해요",
        .verifyMismatch: "달라요",
        .verifyDone: "확인됐어요: {name}",
        .verifyCancelled: "확인되지 않았어요: {reason}",
        .verifyMismatchAbout: "누군가 끼어들었을 수 있어요. 이 연결을 믿지 마세요.",

        // Devices, recovery
        .devicesTitle: "내 기기",
        .thisDevice: "이 기기",
        .verifiedMark: "확인됨",
        .unverifiedMark: "미확인",
        .membersTitle: "이 채팅의 참여자",
        .recoveryTitle: "복구 키",
        .recoveryKeyAbout: """
        적어서 안전한 곳에 두세요. 새 기기에서 지난 메시지를 읽을 때 필요해요. 이 키도 다른 기기도 없으면 \
        메시지를 잃어요.
        """,
        .recoveryDone: "복구했어요. 키가 도착하는 대로 지난 메시지가 보여요.",
        .recoveryExists: "복구 키가 이미 있어요. 이 기기에서 쓰려면 /recovery 뒤에 키를 입력하세요.",
        .passphraseFor: "키 파일의 암호",

        // Signing in
        .askServer: "서버 주소",
        .askUser: "사용자 이름",
        .askPassword: "비밀번호",
        .askPasswordAgain: "비밀번호 다시",
        .passwordsDiffer: "비밀번호가 서로 달라요.",
        .askToken: "가입 토큰",
        .welcome: "나루에 오신 걸 환영해요.",
        .welcomeChoice: "1 새로 시작하기, 2 로그인",
        .signedInAs: "{name} 계정으로 로그인했어요 ({device}).",
        .signedOutNow: "로그아웃했어요. 이 기기에 남은 것은 지웠어요.",
        .notSignedIn: "로그인되어 있지 않아요. 실행: naru chat login 또는 naru chat register",
        .alreadySignedIn: "이미 {name} 계정으로 로그인되어 있어요. 다른 계정은 --profile 로 쓰세요.",
        .profileBusy: "이 프로필은 다른 naru chat에서 쓰고 있어요.",
        .notATerminal: """
        화면은 터미널에서만 열 수 있어요. 프로그램에서는 naru chat send, tail, rooms를, 줄 \
        단위로는 --plain을 쓰세요.
        """,
        .plainHello: "채팅 목록: /rooms. 열기: /go 번호. 나머지는 /help.",
    ]
}
