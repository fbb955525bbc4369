/// Everything that the program says, by what it is for.
package enum Phrase: String, Sendable, CaseIterable {
    // Times
    case timeFormat, morning, afternoon, dayFormat, shortDayFormat, weekdays, months

    // The list of chats
    case chats, noChats, invitation, namelessChat, chooseChat, memberCount

    // A chat
    case invitedHere, noMessages, beginning, loadingOlder, composerHint, replyingTo, editing, edited, unsent
    case unreadable, file, waiting, sending, failed, readUpToHere, newBelow, typingOne, typingMany, me

    // The line
    case lineOpen, lineEncrypted, lineUnverified, lineVerified, lineBlocked, connecting, online, slow, offline
    case offlineRetry, queued, signedOut

    // Keys and panels
    case keysShort, helpTitle, helpKeys, helpCommands, panelKeys, scrollKeys, keyTab, keyTabAbout, keySwitchAbout
    case keyAltArrowsAbout, keyPageAbout, keyUpAbout, keyMessageAbout, keySendAbout, keyHistoryAbout, keyUndoAbout
    case keySearchAbout, keySuspendAbout, switchTitle, searchTitle, nothingFound, confirmUnsend, confirmLeave
    case confirmTrust, yes, no, close, pickReaction

    // Help of commands
    case helpHelp, helpRooms, helpDirect, helpCreate, helpJoin, helpAccept, helpDecline, helpInvite, helpLeave
    case helpMembers, helpName, helpTopic, helpReply, helpReact, helpEdit, helpUnsend, helpRetry, helpCancel
    case helpEmote, helpFile, helpSave, helpSearch, helpOlder, helpSecure, helpVerify, helpTrust, helpDevices
    case helpRecovery, helpExport, helpImport, helpIgnore, helpQuit

    // Answers
    case unknownCommand, needsArgument, noChatOpen, noMessageChosen, notYours, tooLong, noFileThere, done, saved
    case fileQueued, invited, problem, keysExported, keysImported

    // The line's panel
    case secureTitle, secureOpenAbout, secureEncryptedAbout, secureUnverifiedAbout, secureVerifiedAbout
    case secureBlockedAbout

    // Verification
    case verifyTitle, verifyAsk, verifyWaiting, verifyCompare, verifyMatch, verifyMismatch, verifyDone
    case verifyCancelled, verifyMismatchAbout

    // Devices, recovery
    case devicesTitle, thisDevice, verifiedMark, unverifiedMark, membersTitle, recoveryTitle, recoveryKeyAbout
    case recoveryDone, recoveryExists, passphraseFor

    // What happened
    case membersAndOthers, emptyRoom, emptyRoomWas, sentImage, sentAudio, sentVideo, sentSticker, sentLocation
    case memberJoined, memberLeft, memberInvited, memberKnocked, memberBanned, memberUnbanned, memberKicked
    case inviteRejected, inviteWithdrawn, memberRenamed, avatarChanged, roomCreated, roomNamed, roomTopic
    case roomEncrypted, roomChanged, unknownEvent

    // Why something cannot be read, or is doubtful
    case keysMissing, sentBeforeDevice, keysWithheld, damaged, doubtUnsigned, doubtUnknown, doubtChanged
    case doubtUnproven

    // What went wrong
    case errorOffline, errorLimited, errorServer, errorForbidden, errorSignedOut, errorNotFound, errorIdentity
    case errorOther

    // For scripts
    case noSuchChat, severalChats, nothingToSay, keptForLater, verifyStart, verifyYesNo, tailListening
    case verifyListening, ownDevices, recoveryOff, recoveryLocked, recoveryOn, verifyThisDevice, askRecoveryKey
    case signOutWarning

    // Signing in
    case askServer, askUser, askPassword, askPasswordAgain, passwordsDiffer, askToken, welcome, welcomeChoice
    case signedInAs, signedOutNow, notSignedIn, alreadySignedIn, profileBusy, notATerminal, plainHello
}
